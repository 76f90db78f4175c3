import assert from 'node:assert/strict'
import type { HookEvent } from '@tetragon-ts/agent/testing'

/** A script in a mount namespace where an empty file system is at this folder. */
const inTemporary = (folder: string, script: string): string =>
  `unshare -m sh -ec 'mount -t tmpfs none ${folder}; ${script}'`

/**
 * A script that triggers each policy of the library. Variables: TRIGGER and HOOK_LOOP, workloads;
 * FOLDER, a folder that the library considers world-writable, with the program noop.
 */
export const triggers: Readonly<Record<string, string>> = {
  'containers/mounts.yaml': 'unshare -m sh -c "$TRIGGER mount none $FOLDER tmpfs"',
  'file/follow-etc.yaml': '$HOOK_LOOP 1 open /etc/hosts in-namespace',
  'file/links-to-secrets.yaml': 'ln -s /etc/shadow $FOLDER/link; rm $FOLDER/link',
  'file/log-removal-by-name.yaml': inTemporary('/var/log', 'echo > /var/log/x; rm /var/log/x'),
  'file/log-removal.yaml': inTemporary('/var/log', 'cd /var/log; echo > x; rm x'),
  'file/moved-into-place.yaml': inTemporary(
    '/etc/cron.d',
    'cd /etc/cron.d; mkdir a; touch a/x; mv a/x job',
  ),
  'file/persistence.yaml': inTemporary('/etc/cron.d', 'cd /etc/cron.d; echo > job'),
  'file/sensitive-reads.yaml': '$TRIGGER open /etc/shadow 0',
  'file/set-id.yaml': 'touch $FOLDER/program; chmod u+s $FOLDER/program',
  'file/trusted-settings.yaml': inTemporary(
    '/usr/local',
    'mkdir -p /usr/local/bin; echo > /usr/local/bin/x',
  ),
  'file/unusual-folders.yaml': inTemporary('/dev', 'echo > /dev/hidden'),
  'file/user-secrets.yaml': 'cd $FOLDER; echo > logins.json',
  'host/clock-and-name.yaml': '$TRIGGER try syscall 227 99 0',
  'kernel/bpf-programs.yaml': '$TRIGGER try syscall 321 5 0 0',
  'kernel/modules.yaml': '$TRIGGER try init-module none',
  'kernel/parameters.yaml': '$TRIGGER open /proc/sys/kernel/core_pattern 1',
  'kernel/unusual-calls.yaml': '$TRIGGER try syscall 323 0',
  'network/listening.yaml': '$TRIGGER listen 127.0.0.1 0',
  'network/metadata-service.yaml':
    'unshare -n sh -c "ip link set lo up; ip address add 169.254.169.254 dev lo; ' +
    '$TRIGGER tcp 169.254.169.254 0 text"',
  'network/raw-sockets.yaml': '$TRIGGER socket 17 3 0',
  'network/tcp-connections.yaml': '$TRIGGER tcp 127.0.0.1 0 text',
  'network/udp-peers.yaml': '$TRIGGER udp 127.0.0.1 0 text',
  'privilege/become-root.yaml': '$TRIGGER setuid 0',
  'privilege/namespaces.yaml': 'unshare -u true',
  'process/exec-from-writable-folders.yaml': '$FOLDER/noop',
  'process/memory-files.yaml': '$TRIGGER memfd name',
  'process/memory-of-others.yaml': '$TRIGGER open /proc/self/mem 2',
  'process/ptrace.yaml': '$TRIGGER try syscall 101 16 4194300 0 0',
}

/** Evasions by an attacker, and the events that must be posted nevertheless. */
interface Evasion {
  readonly script: string
  expect(events: readonly HookEvent[]): void
}

const functionsOf = (events: readonly HookEvent[]) => events.map(({ body }) => body.function_name)

const becomesRoot = (script: string, ...functions: string[]): Evasion => ({
  script,
  expect: (events) => assert.deepEqual(functionsOf(events), functions),
})

/** Posts these messages, in this order. */
const posts = (script: string, ...messages: string[]): Evasion => ({
  script,
  expect: (events) =>
    assert.deepEqual(
      events.map(({ body }) => body.message),
      messages,
      script,
    ),
})

const twice = (message: string): [string, string] => [message, message]

const clonesNamespace = (script: string): Evasion => ({
  script,
  expect(events) {
    assert.equal(events.length, 1)
    assert.equal(events[0].body.event, 'task_newtask')
    assert.equal(events[0].args[1].size_arg, String(0x04000000))
  },
})

/** Evasions of each policy, in scripts with the variables of `triggers`. */
export const evasions: Readonly<Record<string, readonly Evasion[]>> = {
  'containers/mounts.yaml': [
    {
      // A program with the name of a runtime, with and without the capability of one.
      script: inTemporary(
        '/usr/local/sbin',
        'cp $TRIGGER /usr/local/sbin/runc; runc mount none $FOLDER tmpfs; ' +
          'setpriv --bounding-set -sys_module --inh-caps -sys_module runc mount none $FOLDER tmpfs',
      ),
      expect: (events) =>
        assert.equal(
          events.filter(({ body }) => body.process?.binary?.endsWith('/runc')).length,
          1,
        ),
    },
  ],
  'file/follow-etc.yaml': [
    {
      script: '$HOOK_LOOP 2 open /etc/hosts in-namespace',
      expect(events) {
        const closes = events.filter(({ body }) => body.function_name?.endsWith('sys_close'))
        assert.equal(closes.length, 2)
        for (const { args } of closes) assert.equal(args[0].file_arg?.path, '/etc/hosts')
      },
    },
  ],
  'file/links-to-secrets.yaml': [
    posts('ln /etc/shadow $FOLDER/hard 2> /dev/null || true', 'link to a file with secrets'),
  ],
  'file/log-removal-by-name.yaml': [
    posts(
      'cd $FOLDER; echo > .bash_history; rm .bash_history',
      'log or history cut off',
      'log or history removed',
    ),
  ],
  'file/log-removal.yaml': [
    posts(
      'cd $FOLDER; echo > .bash_history; $TRIGGER truncate .bash_history 0; rm .bash_history',
      ...['history of a shell cut off', 'history of a shell removed'],
    ),
    posts(
      inTemporary('/var/log', 'cd /var/log; echo > x; mv x y; : > y'),
      'log moved or replaced',
      'log cut off',
    ),
  ],
  'file/moved-into-place.yaml': [
    posts(
      inTemporary('/etc/systemd', 'cd /etc/systemd; ln -s /bin/sh a; echo > b; ln b c'),
      'link made in a place that the system uses by itself',
      'file linked into a place that the system uses by itself',
    ),
    posts(
      'cd $FOLDER; mkdir -p .ssh; touch k; mv k .ssh/authorized_keys',
      'file moved into a place that the system uses by itself',
    ),
  ],
  'file/persistence.yaml': [
    posts(
      'cd $FOLDER; mkdir -p .ssh; cd .ssh; echo key >> authorized_keys; ln -s authorized_keys a; echo >> a',
      ...twice('keys or settings of sshd changed'),
    ),
    posts('cd $FOLDER; echo >> .bashrc', 'start file of a shell or desktop changed'),
    posts(
      'cd $FOLDER; mkdir -p .git/hooks .config/systemd/user; echo > .git/hooks/a; echo > .config/systemd/user/b',
      'code that programs load or run by themselves changed',
      'service or start of the system changed',
    ),
  ],
  'file/sensitive-reads.yaml': [
    posts(
      'cd $FOLDER; mkdir -p .ssh; touch .ssh/id_ed25519; read x < .ssh/id_ed25519 || true',
      ...twice('file with secrets opened'),
    ),
  ],
  'file/set-id.yaml': [
    posts(
      '$TRIGGER open $FOLDER/made 65 2541',
      'file made that runs with the privileges of its owner',
    ),
    posts(
      '$TRIGGER try open $FOLDER/made 0 -- try setxattr security.capability x',
      'capabilities given to a file',
    ),
  ],
  'file/unusual-folders.yaml': [
    posts(inTemporary('/usr/games', 'cd /usr/games; echo > x'), 'file written where none belongs'),
    // In guests / is read-only, and the tests are in a mount namespace of their own.
    ...(process.env.TETRAGON_TEST_KERNEL === undefined
      ? [posts('cd /; echo > .tetragon-$$; rm .tetragon-$$', 'file written where none belongs')]
      : []),
  ],
  'kernel/parameters.yaml': [
    posts(
      'mkdir -p $FOLDER/p; unshare -m sh -ec "mount -t proc none $FOLDER/p; ' +
        '$TRIGGER open $FOLDER/p/sys/kernel/core_pattern 1"',
      'program changed that the kernel starts',
    ),
  ],
  'kernel/unusual-calls.yaml': [posts('setarch -R true', 'program turns random addresses off')],
  'network/raw-sockets.yaml': [posts('$TRIGGER socket 2 524291 1', 'raw or packet socket made')],
  'privilege/become-root.yaml': [
    becomesRoot('$TRIGGER syscall 113 -1 0', '__x64_sys_setreuid'),
    becomesRoot('$TRIGGER syscall 113 0 -1', '__x64_sys_setreuid'),
    becomesRoot('$TRIGGER setresuid -1 -1 0', '__x64_sys_setresuid'),
    becomesRoot('$TRIGGER setresuid -1 -1 -1 -- syscall 113 -1 -1'),
    ...(process.arch === 'x64'
      ? [
          becomesRoot(
            '$TRIGGER syscall32 213 0 -- syscall32 203 -1 0 -- syscall32 208 -1 -1 0',
            ...['__ia32_sys_setuid', '__ia32_sys_setreuid', '__ia32_sys_setresuid'],
          ),
          becomesRoot(
            '$TRIGGER syscall32 23 0 -- syscall32 70 65535 0 -- syscall32 164 65535 65535 0',
            ...['__ia32_sys_setuid16', '__ia32_sys_setreuid16', '__ia32_sys_setresuid16'],
          ),
        ]
      : []),
  ],
  'privilege/namespaces.yaml': [
    clonesNamespace('$TRIGGER clone 0x04000000'),
    clonesNamespace('$TRIGGER clone3 0x04000000'),
  ],
}

/** A script in a mount namespace where a file is this program, and cron's folder is empty. */
const withProgram = (file: string, program: string, script: string): string =>
  `unshare -m sh -ec 'mount --bind ${program} ${file}; mount -t tmpfs none /etc/cron.d; ${script}'`

/** Ordinary work close to what each policy reports, which must post nothing. */
export const ordinaryWork: Readonly<Record<string, readonly string[]>> = {
  'file/links-to-secrets.yaml': ['ln -s /etc/hosts $FOLDER/hosts; rm $FOLDER/hosts'],
  'file/log-removal-by-name.yaml': [
    'cd $FOLDER; echo > x; mv x y; rm y; mkdir a; echo >> a/.bash_history',
  ],
  'file/log-removal.yaml': [
    'cd $FOLDER; echo > x; mv x y; rm y; mkdir b; echo >> b/.bash_history',
    inTemporary('/var/log', 'echo >> /var/log/x'),
  ],
  'file/moved-into-place.yaml': ['cd $FOLDER; touch x; mv x y; ln -s y z; ln y a'],
  'file/persistence.yaml': [
    'cd $FOLDER; cat /etc/crontab /etc/passwd > passwd; mkdir -p .git; echo > .git/config; cat .bashrc',
    withProgram(
      '/usr/bin/dpkg',
      '/bin/sh',
      '/usr/bin/dpkg -c "echo > /etc/cron.d/x; sh -c \\"echo > /etc/cron.d/y\\""',
    ),
  ],
  'file/sensitive-reads.yaml': [
    'cd $FOLDER; cat /etc/passwd; mkdir -p .ssh; touch .ssh/id_ed25519.pub',
  ],
  'file/set-id.yaml': ['cd $FOLDER; touch x; chmod 755 x; chmod +t x; $TRIGGER open new 65 420'],
  'file/trusted-settings.yaml': ['cat /etc/hosts; mkdir -p $FOLDER/www; echo > $FOLDER/www/x.php'],
  'file/unusual-folders.yaml': [
    'echo > /dev/null; echo > $FOLDER/x; echo > /dev/shm/x; rm /dev/shm/x',
  ],
  'file/user-secrets.yaml': ['cd $FOLDER; echo > old-logins.json; bash -c "echo > .bash_history"'],
  'kernel/parameters.yaml': ['cat /proc/sys/kernel/core_pattern; echo sh > /proc/self/comm'],
  'kernel/unusual-calls.yaml': ['$TRIGGER syscall 135 0xffffffff'],
  'network/raw-sockets.yaml': ['$TRIGGER socket 16 3 0 -- socket 2 1 0 -- socket 10 524290 0'],
  'network/udp-peers.yaml': ['$TRIGGER tcp 127.0.0.1 0 text'],
  'privilege/become-root.yaml': [withProgram('/usr/bin/su', '$TRIGGER', '/usr/bin/su setuid 0')],
  'process/memory-of-others.yaml': ['$TRIGGER open /proc/self/mem 0'],
}
