import { parentPort, workerData } from 'node:worker_threads'
import { Outputs } from '@tetragon-ts/outputs'
import { lossLine } from '../reader/json/loss-line.ts'
import { NodeFields } from '../reader/json/node-fields.ts'
import type {
  OutputChange,
  OutputReport,
  OutputRequest,
  OutputThreadOptions,
} from './output-messages.ts'
import { OutputRing } from './output-ring.ts'

// The program of the thread that sends events to the outputs.

type Port = NonNullable<typeof parentPort>

async function run(port: Port, options: OutputThreadOptions): Promise<void> {
  const {
    outputs: texts,
    link,
    nodeName,
    clusterName,
    version,
    spoolFolder,
    spoolFailure,
  } = options
  const report = (message: OutputReport): void => port.postMessage(message)
  const node = new NodeFields(nodeName, clusterName)
  const host = {
    nodeName,
    version,
    spoolFolder,
    spoolFailure,
    report: (lost: number) => Buffer.from(lossLine(lost, node.text).trimEnd(), 'latin1'),
    warn: (message: string) => report({ kind: 'warning', message }),
  }
  let outputs: Outputs
  try {
    outputs = await Outputs.open(texts, host)
  } catch (error) {
    report({ kind: 'wrong', message: (error as Error).message })
    link.port.close()
    return port.close()
  }
  const ring = new OutputRing(link, outputs)
  const change = async (given: OutputChange, limit: number): Promise<void> => {
    const changedHost = { ...host, spoolFailure: given.spoolFailure }
    try {
      const ended = await ring.holdDuring(() => outputs.change(given.outputs, changedHost, limit))
      report({ kind: 'changed', statuses: outputs.statuses, ended })
    } catch (error) {
      const failure = (error as Error).message
      report({ kind: 'changed', statuses: outputs.statuses, ended: [], failure })
    }
  }
  let changed = Promise.resolve()
  port.on('message', async (request: OutputRequest) => {
    if (request.kind === 'status') return report({ kind: 'status', statuses: outputs.statuses })
    if (request.kind === 'change') {
      changed = changed.then(() => change(request, request.limit))
      return
    }
    await changed
    ring.finish()
    await outputs.finish(request.limit)
    report({ kind: 'finished', statuses: outputs.statuses })
    port.close()
  })
  report({ kind: 'opened', statuses: outputs.statuses })
}

if (parentPort) run(parentPort, workerData as OutputThreadOptions)
