/** Command of the guest, and folders of the host that it sees. */
export interface GuestTask {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Remains visible although the guest mounts its own file systems at /tmp, /run and so on. */
  readonly repository: string
  /** Folder for the guest's output and exit code; always writable. */
  readonly runFolder: string
  /** Further writable folders. */
  readonly writable: readonly string[]
}

/** Files in the run folder for communication with the guest. */
export const runFiles = {
  console: 'console.log',
  output: 'output.log',
  exitCode: 'exit-code',
  start: 'start.sh',
  /** Seconds since the guest's boot when the command starts. */
  uptime: 'uptime',
} as const

/** Quotes a word for the shell. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * The init of the initramfs: mounts the host's root, read-only except for a few folders, and the
 * usual kernel file systems in it, then makes it the root and starts `start.sh` as process 1. It
 * uses switch_root instead of chroot, so that kernel paths look as on any machine.
 */
export function initScript(task: GuestTask, moduleFiles: readonly string[]): string {
  const insmod = moduleFiles.map((file) => `$b insmod /modules/${file}`)
  const writable = [task.runFolder, ...task.writable].map((folder) => {
    const path = shellQuote(`/host${folder}`)
    return `$b mount --bind ${path} ${path}\n$b mount -o remount,rw,bind ${path}`
  })
  const repository = shellQuote(`/host${task.repository}`)
  const start = shellQuote(`${task.runFolder}/${runFiles.start}`)
  return `#!/bin/busybox sh
set -e
b=/bin/busybox
trap '$b echo "init: failed"; $b poweroff -f' EXIT
$b mount -t proc proc /proc
$b mount -t devtmpfs devtmpfs /dev
${insmod.join('\n')}
$b mount -t virtiofs root /host

# The repository may lie under a folder that gets a file system of its own: keep it aside.
$b mount --bind ${repository} /repository
$b mount -o remount,ro,bind /host
$b mount -o remount,ro,bind /repository

$b mount -t proc proc /host/proc
$b mount -t sysfs sysfs /host/sys
$b mount --move /dev /host/dev
$b mkdir -p /host/dev/pts /host/dev/shm
$b mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /host/dev/pts
$b mount -t tmpfs -o mode=1777 tmpfs /host/dev/shm
$b mount -t tmpfs -o mode=1777 tmpfs /host/tmp
$b mount -t tmpfs -o mode=1777 tmpfs /host/var/tmp
$b mount -t tmpfs -o mode=755 tmpfs /host/run
$b mount -t cgroup2 cgroup2 /host/sys/fs/cgroup
$b mount -t bpf bpf /host/sys/fs/bpf
$b mount -t tracefs tracefs /host/sys/kernel/tracing
$b mount -t debugfs debugfs /host/sys/kernel/debug
$b mount -t securityfs securityfs /host/sys/kernel/security

$b mkdir -p ${repository}
$b mount --move /repository ${repository}
${writable.join('\n')}
$b ifconfig lo up
$b umount /proc

trap - EXIT
# The memory of this program must not be freed: QEMU does not notice that virtiofsd writes other
# code there, and would execute what it has translated before.
exec 9<$b
exec $b switch_root /host /bin/busybox sh ${start}
`
}

/**
 * Process 1 of the guest: runs the command with its output in a file, which the host follows,
 * stores the exit code and powers off.
 */
export function startScript(task: GuestTask): string {
  const file = (name: string) => shellQuote(`${task.runFolder}/${name}`)
  const variables = Object.entries({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    ...task.env,
  }).map(([name, value]) => `export ${name}=${shellQuote(value)}`)
  return `for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done 2>/dev/null
${variables.join('\n')}
cut -d ' ' -f 1 /proc/uptime >${file(runFiles.uptime)}
cd ${shellQuote(task.cwd)}
${task.command.map(shellQuote).join(' ')} 9<&- </dev/null >${file(runFiles.output)} 2>&1 &
wait $!
echo $? >${file(`${runFiles.exitCode}.part`)}
mv ${file(`${runFiles.exitCode}.part`)} ${file(runFiles.exitCode)}
exec /bin/busybox poweroff -f
`
}
