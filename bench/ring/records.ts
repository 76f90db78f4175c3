import { basicContent, processRecords } from '@tetragon-ts/sensors'

/** Process records without optional content. */
export const { ExecRecord, ForkRecord, Identity } = processRecords(basicContent)
