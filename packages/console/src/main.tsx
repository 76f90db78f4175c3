import { render } from 'preact'
import { takeKey } from './access-key.ts'
import { AlertModel } from './alerts/alert-model.ts'
import { alertView } from './alerts/alert-view.tsx'
import { EnforcementModel } from './enforcement/enforcement-model.ts'
import { enforcementView } from './enforcement/enforcement-view.tsx'
import { EventModel } from './events/event-model.ts'
import { eventView } from './events/event-view.tsx'
import { ExportModel } from './events/export-model.ts'
import { ValuesModel } from './events/values-model.ts'
import { HealthModel } from './health/health-model.ts'
import { healthView } from './health/health-view.tsx'
import { LossModel } from './losses/loss-model.ts'
import { LossMark } from './losses/loss-note.tsx'
import { OverviewModel } from './overview/overview-model.ts'
import { overviewView } from './overview/overview-view.tsx'
import { leadTo, openPath } from './page/address.ts'
import { App } from './page/app.tsx'
import { callWith, measureWith, readSettings } from './page/call.ts'
import type { Lead } from './page/lead.ts'
import { WorkerLink } from './page/worker-link.ts'
import { EditorModel } from './policies/editor/editor-model.ts'
import { PolicyEvents } from './policies/policy-events.ts'
import { PolicyModel } from './policies/policy-model.ts'
import { policyView } from './policies/policy-view.tsx'
import { ProcessModel } from './processes/process-model.ts'
import { processView } from './processes/process-view.tsx'
import { ReportModel } from './report-menu/report-model.ts'
import { startWorker } from './start-worker.ts'
import { TimeModel } from './time/time-model.ts'

const link = new WorkerLink(startWorker('worker'))
const key = takeKey()
link.ask({ kind: 'start', key })
const settings = readSettings(key)
const call = callWith(key, settings)
const time = new TimeModel(link)
const losses = new LossModel(call, link, settings)
const events = new EventModel(link)
const values = new ValuesModel(link, events.filter, () => events.pausedAt.value)
const exported = new ExportModel(link, () => events.pausedAt.value)
const alerts = new AlertModel(link)
const report = new ReportModel(link, () => alerts.states.saved)
const processes = new ProcessModel(link)
const lead: Lead = {
  toEvent: (id) => leadTo('/events', () => events.open(id)),
  toEventsMatching: (filter) => leadTo('/events', () => events.show(filter)),
  toProcess: (execId) => leadTo('/processes', () => processes.open(execId)),
}
const policies = new PolicyModel(
  { call, measure: measureWith(key) },
  settings,
  new EditorModel(link),
)
const enforcement = new EnforcementModel(link, lead)
const views = [
  overviewView({ model: new OverviewModel(link, lead), enforcement, link, time }),
  eventView({ model: events, values, exported, report, link, time, lead }),
  processView({ model: processes, report, link, time, lead }),
  policyView({ model: policies, events: new PolicyEvents(link), link, time, lead }),
  enforcementView({ model: enforcement, link, time }),
  alertView({ model: alerts, report, link, time, lead }),
  healthView({ model: new HealthModel(call, link, settings, losses), link, time }),
]
const marks = <LossMark onOpen={() => openPath('/health')} />
render(<App link={link} views={views} marks={marks} />, document.body)
