/* owner - whom new files belong to.
 *
 * The tool is often run by root, the daemon as a user of its own. What root makes in somebody's
 * directory is given to that directory's owner, so that the daemon can read it afterwards. Whoever
 * opens it does so with O_NOFOLLOW or O_EXCL: that owner could have put a link there. */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

/* Gives the open file or directory to the owner of its directory. Does nothing unless root calls, nor to
 * a file that has a second name, nor where the file system knows no owners: there nobody is kept out. */
void owner_inherit(int fd, int dir_fd);

#endif
