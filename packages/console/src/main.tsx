import { render } from 'preact'
import { takeKey } from './access-key.ts'
import { EventModel } from './events/event-model.ts'
import { eventView } from './events/event-view.tsx'
import { App } from './page/app.tsx'
import { callWith, readSettings } from './page/call.ts'
import { WorkerLink } from './page/worker-link.ts'
import { PolicyModel } from './policies/policy-model.ts'
import { policyView } from './policies/policy-view.tsx'
import { ProcessModel } from './processes/process-model.ts'
import { processView } from './processes/process-view.tsx'
import { startWorker } from './start-worker.ts'

const link = new WorkerLink(startWorker())
const key = takeKey()
link.ask({ kind: 'start', key })
const views = [
  eventView(new EventModel(link), link),
  processView(new ProcessModel(link), link),
  policyView(new PolicyModel(callWith(key), readSettings(key))),
]
render(<App link={link} views={views} />, document.body)
