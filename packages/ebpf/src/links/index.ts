/** Links: programs at their hooks, one file for each way to attach. */
export { attachProgram } from './attach-program.ts'
export { attachToFile, type UserFilePath } from './attach-to-file.ts'
export { attachCgroup } from './cgroup.ts'
export {
  answerByProgram,
  FanotifyLink,
  type OnFailure,
} from './fanotify.ts'
export { attachIterator, type IteratorScope, runIterator } from './iterator.ts'
export { attachKprobe, type KprobeOptions } from './kprobe.ts'
export { attachKprobeMulti, type KprobeMultiOptions } from './kprobe-multi.ts'
export { type Attachable, type AttachOptions, FdLink, type Link } from './link.ts'
export { attachRawTracepoint } from './raw-tracepoint.ts'
export { findTracefs } from './tracefs.ts'
export { attachTracepoint } from './tracepoint.ts'
export { listTracepoints, tracepointFormat } from './tracepoint-format.ts'
export { attachTracing } from './tracing.ts'
export { attachUprobe, type UprobeOptions } from './uprobe.ts'
export { attachUprobeMulti, type UprobeMultiOptions } from './uprobe-multi.ts'
