import { sysconf } from './ffi.ts'

const SC_PAGESIZE = 30 // <bits/confname.h>, the same on x86-64 and arm64

/** Size of a memory page in bytes: 4096 on x86-64; arm64 kernels may use 16 or 64 KiB. */
export const pageSize: number = sysconf(SC_PAGESIZE)
