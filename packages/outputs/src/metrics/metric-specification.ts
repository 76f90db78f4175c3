import { duration, type ValuesOf } from '@tetragon-ts/service/options'
import { checkCollector } from '../kinds/otlp/otlp.ts'
import { checkHost, readNamedUrl, readParameters, unknownScheme } from '../network/named-url.ts'
import { checkLogin, requestParameters } from '../network/request-parameters.ts'
import { checkTls, tlsParameters } from '../network/tls-parameters.ts'

/** Parameters of outputs of metrics. */
const parameters = {
  ...tlsParameters,
  ...requestParameters,
  interval: duration({
    default: '1m',
    min: 1000,
    max: 3_600_000,
    help: 'time from one push to the next',
  }),
  timeout: duration({
    default: '10s',
    min: 1,
    max: 600_000,
    help: 'how long the receiver may take to accept a request',
  }),
}

/** An output of metrics as requested. */
export interface MetricOutputSpecification {
  readonly name: string
  readonly url: URL
  /** Whether requests are gRPC; else HTTP. */
  readonly isGrpc: boolean
  readonly values: ValuesOf<typeof parameters>
}

const grpcSchemes = ['otlp', 'otlp+tls']
const httpSchemes = ['http', 'https']
const example = 'otel=otlp://collector.example:4317'

/** Reads `NAME=URL`, with the schemes that outputs to collectors have. @throws BadValue */
export function readMetricOutput(text: string): MetricOutputSpecification {
  return readNamedUrl('metrics output', example, text, ({ name, url, scheme }) => {
    const isGrpc = grpcSchemes.includes(scheme)
    if (!isGrpc && !httpSchemes.includes(scheme)) {
      throw unknownScheme(scheme, [...grpcSchemes, ...httpSchemes])
    }
    checkHost(url)
    const values = readParameters(parameters, url.searchParams)
    if (isGrpc) checkCollector(url, values, 'http or https')
    else {
      checkTls(values, scheme === 'https')
      checkLogin(values)
    }
    return { name, url, isGrpc, values }
  })
}
