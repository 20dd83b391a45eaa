/* surel - one program that is the mail appliance and the tool that looks after it. */
#include "app/cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
