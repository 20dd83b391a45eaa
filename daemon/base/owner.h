/* owner - whom new files belong to.
 *
 * The tool is often run by root, the daemon as a user of its own. What root makes in somebody's
 * directory is given to that directory's owner, so that the daemon can read it afterwards. */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

/* Gives the open file or directory to the owner of its directory. Does nothing unless root calls, nor
 * where the file system knows no owners: there nobody is kept out either. */
void owner_inherit(int fd, int dir_fd);

#endif
