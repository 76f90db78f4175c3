import { escapeUnprintable } from '@tetragon-ts/api'
import { memoryText } from '../page/memory-text.ts'
import { type AgentWork, fillText, isCrowded, queueText } from './agent-work.ts'

/** How full the queues of an agent are: what does not fit is lost. */
export function QueueTable({ queues }: Pick<AgentWork, 'queues'>) {
  return (
    <>
      <h2>Queues</h2>
      <table>
        <thead>
          <tr>
            <th>Queue</th>
            <th class="number">Full</th>
            <th class="number">Maximum</th>
            <th class="number">Size</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <tr key={queue.name} class={isCrowded(queue) ? 'missing' : ''}>
              <td>{escapeUnprintable(queueText(queue))}</td>
              <td class="number">{fillText(queue)}</td>
              <td class="number">{queue.peak === 0 ? '' : fillText(queue, queue.peak)}</td>
              <td class="number">
                {queue.unit === 'bytes'
                  ? memoryText(queue.size)
                  : `${queue.size.toLocaleString('en')} ${escapeUnprintable(queue.unit)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
