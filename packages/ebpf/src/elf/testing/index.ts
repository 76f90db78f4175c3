export { elfWithProbes } from './elf-with-probes.ts'
