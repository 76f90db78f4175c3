export { SyscallCounter } from './syscall-counter.ts'
