/*
 * privileged
 *
 * Writes a byte to the descriptor 3 if its effective user or group is root, or if it has a
 * capability: the file behind it shows how often the program ran with privileges. Otherwise writes a
 * byte to the descriptor 4, if it is open.
 */
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static int has_capability(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2] = { 0 };

	return syscall(SYS_capget, &head, sets) == 0 && (sets[0].permitted || sets[1].permitted);
}

int main(void)
{
	int is = geteuid() == 0 || getegid() == 0 || has_capability();

	return write(is ? 3 : 4, "p", 1) != 1;
}
