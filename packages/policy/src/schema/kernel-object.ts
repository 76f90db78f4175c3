import { integer, object, required, string } from '../fields/schema.ts'
import { ageColumn, type PrinterColumn } from './printer-column.ts'

/**
 * Bytes of a description in one object. The API server stores at most 1.5 MiB of an object; the
 * webhook, which reads the object before and after a write, reads a megabyte.
 */
export const kernelPieceBytes = 1 << 18
/** Maximum number of objects of a description, so that it has at most 4 MiB. */
export const kernelPiecesMax = 16
const base64Length = (kernelPieceBytes / 3 + 1) * 4

const round = (doc: string) => integer(doc, 1, 2 ** 31 - 1)

const specSchema = object('KernelPieceSpec', 'What the operator asks for.', {
  hash: required(
    string('SHA-256 of the whole description, in hexadecimal.', { pattern: '^[0-9a-f]{64}$' }),
  ),
  piece: required(integer('Index of the piece of the description.', 0, kernelPiecesMax - 1)),
  pod: required(string('Pod of the agent that writes it, which must have this kernel.')),
  round: required(round('Number of the request: it grows when another pod is asked.')),
})

/** A piece of the description of a kernel. */
export const kernelObjectSchema = object(
  'TracingPolicyKernel',
  'A piece of the description of a kernel, for checks of policies. The operator creates it, and the agent of a pod with this kernel writes its content.',
  {
    apiVersion: required(string('Version of the API.')),
    kind: required(string('Always TracingPolicyKernel.')),
    spec: required(specSchema),
    status: object('KernelPiece', 'The content.', {
      round: round('The request that it answers.'),
      data: string('The piece in base64.', {
        maxLength: Math.ceil(base64Length),
        pattern: '^[A-Za-z0-9+/]*={0,2}$',
      }),
    }),
  },
)

/** The kind in the API server. */
export const kernelObjectKind = {
  kind: 'TracingPolicyKernel',
  plural: 'tracingpolicykernels',
  shortName: 'tgtpk',
  scope: 'Namespaced',
} as const

/** Columns of `kubectl get`. */
export const kernelObjectColumns: readonly PrinterColumn[] = [
  {
    name: 'Pod',
    type: 'string',
    description: specSchema.fields.pod.schema.doc,
    jsonPath: '.spec.pod',
  },
  ageColumn,
]
