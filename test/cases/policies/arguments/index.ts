import type { PolicyCase } from '../policy-case.ts'
import { bufferCases } from './buffers.ts'
import { credentialCases } from './credentials.ts'
import { integerCases } from './integer.ts'
import { kernelObjectCases } from './kernel-objects.ts'
import { numberCases } from './numbers.ts'
import { pathCases } from './paths.ts'
import { resolveCases } from './resolve.ts'
import { socketCases } from './sockets.ts'
import { textCases } from './text.ts'
import { userSpaceCases } from './user-space.ts'

/** A file for each family of argument types. */
export const argumentCases: readonly PolicyCase[] = [
  ...integerCases,
  ...numberCases,
  ...textCases,
  ...bufferCases,
  ...pathCases,
  ...socketCases,
  ...credentialCases,
  ...kernelObjectCases,
  ...resolveCases,
  ...userSpaceCases,
]
