import { guestKernel } from '@tetragon-ts/agent/testing'
import { emulatedOptions } from './packed-test.ts'

/** Options of Node.js for programs that a test starts on this machine. */
export const optionsHere: readonly string[] = guestKernel === undefined ? [] : emulatedOptions
