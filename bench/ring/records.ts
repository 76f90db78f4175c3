import { basicContent, processRecords } from '@tetragon-ts/sensors'

/** Records of processes as they are when no option asks for more. */
export const { ExecRecord, ForkRecord, Identity } = processRecords(basicContent)
