import { render } from 'preact'
import { takeKey } from './access-key.ts'
import { EventModel } from './events/event-model.ts'
import { App } from './page/app.tsx'
import { callWith, readSettings } from './page/call.ts'
import { WorkerLink } from './page/worker-link.ts'
import { PolicyModel } from './policies/policy-model.ts'
import { ProcessModel } from './processes/process-model.ts'
import { startWorker } from './start-worker.ts'

const link = new WorkerLink(startWorker())
const key = takeKey()
link.ask({ kind: 'start', key })
const [events, processes] = [new EventModel(link), new ProcessModel(link)]
const policies = new PolicyModel(callWith(key), readSettings(key))
render(<App link={link} events={events} processes={processes} policies={policies} />, document.body)
