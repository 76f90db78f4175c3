import { equivalents } from './equivalents/index.ts'

/** The page docs/hooks.md; its table is made from the registry of equivalents. */
export function hooksPage(): string {
  return `${introduction}
## Equivalents

| function | seen at | difference |
| --- | --- | --- |
${equivalents
  .map(({ functions, prototype, place, difference }) => {
    const others = functions.slice(1).map((name) => `, \`${name}\``)
    return `| \`${prototype}\`${others.join('')} | ${place} | ${difference} |`
  })
  .join('\n')}
`
}

const introduction = `# Hooks

<!-- Made from the code: node packages/sensors/dist/compiler/backends/write-hooks-page.js -->

A policy names a place in the kernel, not the mechanism that leads there. For each hook the agent
takes the first of these back ends that the running kernel has, found by trying; \`tetragon compile
FILE\` and the status of a loaded policy show which it was, why, and why the ones before it were not
taken. Where the kernel refuses a program when it is loaded or attached, the next back end is tried;
when none is left the policy is not loaded at all, and the error lists all of them with their reasons.

| section | back ends, best first |
| --- | --- |
| \`kprobes\`, \`fentries\` | fentry, kprobe.multi, kprobe, system call tracepoints, equivalent |
| \`tracepoints\` | tracepoint; with \`raw: true\`: tp_btf, raw_tp |
| \`lsmhooks\` | lsm; else the function \`security_…\` that calls the hook, by the ways of \`kprobes\` |

- **fentry**: trampolines, with typed arguments. A program for each function. At the return the
  arguments are still there. Not for functions with a variable number of arguments. Before Linux 5.11
  a call that is made from inside another call of the same function can hide that one's return.
- **kprobe.multi**: one program for all functions of a list; preferred for lists with more than eight.
  \`disable-kprobe-multi\` in \`spec.options\` forbids it. Without it long lists of system calls take
  their tracepoints, where one program serves all as well.
- **kprobe**: a breakpoint, a program for each function. Functions with more than six parameters (eight
  on arm64) show the first of them.
- **system call tracepoints**: one small program at \`sys_enter\` or \`sys_exit\` jumps to the program
  of the call. Names may have a prefix: \`i386/sys_open\` (in lists) or \`__ia32_sys_open\` is the
  call of a 32-bit program on x86.
- **tracepoint**: fields as the \`format\` file in tracefs numbers them; where tracefs is not mounted the
  agent opens it for itself. Of the common fields only \`common_pid\` can be read. An argument without
  a type gets that of its field, or of a raw tracepoint's parameter: \`char *\` is a \`string\`, or with
  \`sizeArgIndex\` a \`char_buf\`.
- **equivalent**: another place that is passed whenever a well-known function runs, for kernels without
  kprobes and trampolines. What it cannot tell is refused before anything is loaded: an argument that
  is not known there, or the function's return. With \`exact-hooks\` in \`spec.options\` no equivalent
  is used.

A function that the kernel does not have is an error with the nearest name, unless the hook says
\`ignore: {callNotFound: true}\`. Calls that never return (\`exit\`, \`exit_group\`, \`do_exit\`) are posted
when they are entered even if the policy asks for their return. A call that a process does not
return from because it ends is posted without its return when the process ends, unless
\`matchReturnArgs\` would have to look at the result.
`
