import { render } from 'preact'
import { takeKey } from './access-key.ts'
import { EnforcementModel } from './enforcement/enforcement-model.ts'
import { enforcementView } from './enforcement/enforcement-view.tsx'
import { EventModel } from './events/event-model.ts'
import { eventView } from './events/event-view.tsx'
import { HealthModel } from './health/health-model.ts'
import { healthView } from './health/health-view.tsx'
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
const call = callWith(key)
const events = new EventModel(link)
const views = [
  eventView(events, link),
  processView(new ProcessModel(link), link),
  policyView(new PolicyModel(call, readSettings(key))),
  enforcementView(new EnforcementModel(link, events)),
  healthView(new HealthModel(call, link), link),
]
render(<App link={link} views={views} />, document.body)
