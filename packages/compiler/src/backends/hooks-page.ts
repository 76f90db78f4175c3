import { cgroupDecisions } from './cgroup-decisions/index.ts'
import { equivalents } from './equivalents/index.ts'

/** The page docs/hooks.md; its table is made from the registry of equivalents. */
export function hooksPage(): string {
  return `${introduction}
## Equivalents

| function | seen at | difference |
| --- | --- | --- |
${equivalents
  .map(({ functions, prototype, location, difference }) => {
    const others = functions.slice(1).map((name) => `, \`${name}\``)
    return `| \`${prototype}\`${others.join('')} | ${location} | ${difference} |`
  })
  .join('\n')}

## Decisions at control groups

Programs at the root of the control groups (version 2) carry out the action Override for these functions,
and for the LSM hooks that they call; see [cgroup](reference/enforcement/cgroup.md). Where they do not
see all calls, the policy needs \`override-method: cgroup\`.

| function | seen at | difference |
| --- | --- | --- |
${cgroupDecisions
  .map(({ prototype, at, difference }) => `| \`${prototype}\` | ${at} | ${difference} |`)
  .join('\n')}
`
}

const introduction = `# Hooks

<!-- Generated from the code: node packages/compiler/dist/generate/write-hooks-page.js -->

A policy names a location in the kernel or in a program, not the mechanism to reach it. The agent tries
the attach methods (back ends) of the table in order and uses the first one that the running kernel
accepts. If none is left, the policy is not loaded, and the error lists all back ends with the reasons.
\`tetragon compile FILE\` and \`tetra tracingpolicy programs NAME\` show the chosen back end, why better
ones were not used, and the instructions.

| section | back ends, best first |
| --- | --- |
| \`kprobes\`, \`fentries\` | fentry, kprobe.multi, kprobe, system call tracepoints, equivalent |
| \`tracepoints\` | tracepoint; with \`raw: true\`: tp_btf, raw_tp |
| \`lsmhooks\` | lsm; otherwise the function \`security_…\` that calls the hook, with the back ends of \`kprobes\` |
| \`uprobes\`, \`usdts\` | uprobe.multi, uprobe, single uprobes (not for \`usdts\`) |

- **fentry**: a trampoline with typed arguments, which are still available at the return. Functions with
  a variable number of arguments are not supported. Before Linux 5.11, a call inside another call of the
  same function can hide the return of the outer one.
- **kprobe.multi**: one program for a list of more than eight functions. \`disable-kprobe-multi\` in
  \`spec.options\` disables it. Without it, long lists of system calls use the system call tracepoints.
- **kprobe**: a breakpoint, one program for each function. Only the first six parameters (eight on
  arm64) can be read.
- **system call tracepoints**: one small program at \`sys_enter\` or \`sys_exit\` jumps to the program
  of the system call. \`i386/sys_open\` (in lists) and \`__ia32_sys_open\` are system calls of 32-bit
  programs on x86.
- **tracepoint**: fields are numbered as in the \`format\` file in tracefs, which the agent mounts
  privately if needed. Of the common fields, only \`common_pid\` can be read. An argument without a type
  has that of its field or parameter: for \`char *\` \`string\`, or \`char_buf\` with \`sizeArgIndex\`.
- **equivalent**: another location that is reached whenever a well-known function runs, for kernels
  without kprobes and trampolines. A policy that needs an argument or return value that is unavailable
  there is refused. \`exact-hooks\` in \`spec.options\` disables equivalents.
- **uprobe.multi**, **uprobe**, **single uprobes**: breakpoints in files of user space; see
  [reference/user-probes.md](reference/user-probes.md#attach-methods).

Policies share a hook: there is room for 1092 programs at a function, entry and return together, and for
1924 at a cgroup or tracepoint, beyond the kernel's 38 and 64 ([design](design/shared-hooks.md)). After
that the next back end is used. Linux up to 6.12 has room for 38 LSM programs for \`imaHash\`.

A missing function is an error that suggests the nearest name, unless the hook has
\`ignore: {callNotFound: true}\`. Calls that never return (\`exit\`, \`exit_group\`, \`do_exit\`) are posted
at their entry, even if the policy asks for the return. If a process ends during a call, the event is
posted then without a return value, unless \`matchReturnArgs\` needs it.
`
