import { not, or, test } from '../term.ts'
import {
  anyOf,
  commandLine,
  flag,
  lastPart,
  missing,
  number,
  presence,
  text,
} from './field-readers.ts'
import type { FalcoFields } from './field-table.ts'

const noValues = missing('values of environment variables are not recorded')
const noDescriptors = missing('events do not have the open files of a process')
const noGroups = missing('events do not have the process group')

/** `proc.aname[N]` and its like: 0 is the process, 1 its parent. */
function generation(
  own: (field: string) => ReturnType<typeof text>,
  fields: readonly [process: string, parent: string, ancestors: string],
): (argument: string) => ReturnType<typeof text> {
  return (argument) => {
    const index = Number(argument)
    if (index === 0 || index === 1) return own(fields[index])
    return missing(`ancestors are not numbered: use it without [${argument}] for any ancestor`)
  }
}

const images = ['Image', 'ParentImage', 'ancestors.binary'] as const
const lines = ['CommandLine', 'ParentCommandLine', 'ancestors.command_line'] as const

/** Fields `proc.*` and `thread.*`, which all events have. */
export const processFields: FalcoFields = {
  plain: {
    'proc.name': lastPart('Image'),
    'proc.exepath': text('Image'),
    'proc.exe': missing(
      'rules see argv[0] only with --exec-fields=argv: use proc.exepath or proc.name',
    ),
    'proc.cmdline': commandLine('CommandLine'),
    'proc.exeline': commandLine('CommandLine'),
    'proc.args': text('process.arguments'),
    'proc.cwd': text('CurrentDirectory'),
    'proc.pid': number('ProcessId'),
    'proc.ppid': number('ParentProcessId'),
    'proc.tty': presence('process.tty', '0', missing('terminals have names here, not numbers')),
    'proc.pname': lastPart('ParentImage'),
    'proc.pexepath': text('ParentImage'),
    'proc.pcmdline': commandLine('ParentCommandLine'),
    'proc.aname': lastPart('ancestors.binary'),
    'proc.aexepath': text('ancestors.binary'),
    'proc.acmdline': commandLine('ancestors.command_line'),
    'proc.apid': number('ancestors.pid'),
    'proc.env': noValues,
    'proc.aenv': noValues,
    'proc.sid': number('process.session_id'),
    'proc.sname': missing('events have the id of the session leader, not its name'),
    'proc.is_exe_upper_layer': flag(test('process.upper_layer', true)),
    'proc.is_exe_lower_layer': flag(not(test('process.upper_layer', true))),
    'proc.is_exe_from_memfd': flag(
      or([
        test('Image|startswith', '/memfd:', 'memfd:'),
        test('process.executable|startswith', '/memfd:', 'memfd:'),
      ]),
    ),
    'proc.is_exe_writable': missing('events do not say whether the file can be written'),
    'proc.duration': missing('rules look at one event, not at the age of its process'),
    'proc.vpid': missing('events have process ids of the host'),
    'proc.pvpid': missing('events have process ids of the host'),
    'proc.pgid': noGroups,
    'proc.vpgid': noGroups,
    'proc.stdin.type': noDescriptors,
    'proc.stdout.type': noDescriptors,
    'proc.stderr.type': noDescriptors,
    'proc.stdin.name': noDescriptors,
    'proc.stdout.name': noDescriptors,
    'proc.stderr.name': noDescriptors,
    'thread.tid': number('process.tid'),
    'thread.cap_permitted': text('process.cap.permitted'),
    'thread.cap_effective': text('process.cap.effective'),
    'thread.cap_inheritable': text('process.cap.inheritable'),
  },
  indexed: {
    'proc.aname': generation(lastPart, images),
    'proc.aexepath': generation(text, images),
    'proc.acmdline': generation(commandLine, lines),
    'proc.apid': generation(number, ['ProcessId', 'ParentProcessId', 'ancestors.pid']),
    'proc.args': () => missing('arguments are not numbered: use proc.args without an index'),
    'proc.env': () => noValues,
    'proc.aenv': () => noValues,
  },
}

/** Fields `user.*` and `group.*`. */
export const userFields: FalcoFields = {
  plain: {
    'user.uid': number('process.uid'),
    'user.name': text('User'),
    'user.loginuid': anyOf(number('process.auid')),
    'user.loginname': missing('events have the number of the login user: use user.loginuid'),
    'user.homedir': missing('events do not have the entries of users'),
    'user.shell': missing('events do not have the entries of users'),
    'group.gid': number('process.process_credentials.gid'),
    'group.name': missing('events have the number of the group: use group.gid'),
  },
}
