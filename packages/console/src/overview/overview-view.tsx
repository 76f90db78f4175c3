import { useEffect } from 'preact/hooks'
import type { EnforcementModel } from '../enforcement/enforcement-model.ts'
import { LossNote } from '../losses/loss-note.tsx'
import { openPath } from '../page/address.ts'
import type { View } from '../page/view.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { eventsText } from '../store/count-text.ts'
import { timeText } from '../store/time-text.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import { FindingCard } from './finding-card.tsx'
import { NameCard } from './name-card.tsx'
import type { OverviewModel } from './overview-model.ts'
import { StoppedCard } from './stopped-card.tsx'

interface Properties {
  readonly model: OverviewModel
  readonly enforcement: EnforcementModel
  readonly link: WorkerLink
  readonly time: TimeModel
}

/** What happened, in numbers: each leads to its events. */
export function overviewView(properties: Properties): View {
  return {
    path: '/',
    name: 'Overview',
    state: () => ({}),
    restore() {},
    render: () => <Summary {...properties} />,
  }
}

function Summary({ model, enforcement, link, time }: Properties) {
  useEffect(() => model.watch(), [model])
  useEffect(() => enforcement.watch(), [enforcement])
  const overview = model.overview.value
  return (
    <main class="view">
      <TimeLine model={time} link={link} />
      {overview !== undefined && (
        <>
          <LossNote span={time.span.value} text="in this time: the numbers are too low." />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
          <div class="scroll" tabIndex={0}>
            <div class="cards">
              <FindingCard rules={overview.rules} model={model} />
              <StoppedCard model={enforcement} onOpen={() => openPath('/enforcement')} />
              {overview.fields.map((names) => (
                <NameCard key={names.field} names={names} model={model} />
              ))}
            </div>
            <p class="note cards-note">
              {eventsText(overview.events)}
              {overview.span === undefined ? ' that this page keeps' : ' in the selected span'}
              {overview.fields.some(({ names }) => names.some(({ isNew }) => isNew)) &&
                `; “new” was not seen before ${timeText(overview.newSince)}`}
              .
            </p>
          </div>
        </>
      )}
    </main>
  )
}
