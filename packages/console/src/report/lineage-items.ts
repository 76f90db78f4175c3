import { countText } from '../store/count-text.ts'
import { type Gap, gapsAtMoment, gapText } from '../store/gaps.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import { type Images, processesOf } from '../store/process-images.ts'
import { placeText } from '../store/process-text.ts'
import { dateTimeText } from '../store/time-text.ts'
import { code } from './markdown.ts'

/** Processes that are listed, and programs that one of them executed before: the last ones. */
const processesMax = 64
const programsMax = 8

/** How a process came to be, as items of a list: the root first. */
export function lineageItems(lineage: readonly ProcessFacts[], lost: readonly Gap[]): string[] {
  const processes = processesOf(lineage)
  const shown = processes.slice(-processesMax)
  const omitted = processes.length - shown.length
  const [root] = lineage
  const isCut = root !== undefined && root.parentExecId !== '' && root.parentExecId !== root.execId
  return [
    ...(isCut ? ['started by a process that the page does not know'] : []),
    ...(omitted > 0 ? [`${countText(omitted)} processes above are not listed`] : []),
    ...shown.map((images) => itemOf(images, lost)),
  ]
}

function itemOf(images: Images, lost: readonly Gap[]): string {
  const [first] = images
  const { binary, args, pid, user, node, end, ending, ...rest } = images.at(-1)!
  const place = placeText(rest)
  const before = images.slice(0, -1)
  const programs = before.slice(-programsMax).map(({ binary }) => code(binary))
  const omitted = before.length - programs.length
  const gaps = gapsAtMoment(lost, first.start, first.node)
  const parts = [
    code(args === '' ? binary : `${binary} ${args}`),
    `pid ${pid}`,
    user === '' ? '' : `as ${code(user)}`,
    place === '' ? '' : `in ${code(place)}`,
    node === '' ? '' : `node ${code(node)}`,
    first.start === undefined ? '' : `started ${dateTimeText(first.start)}`,
    end === undefined ? '' : `ended ${dateTimeText(end)} (${code(ending)})`,
    programs.length === 0 ? '' : `executed by ${programs.join(' and ')}`,
    omitted === 0 ? '' : `${countText(omitted)} programs before are not listed`,
    gaps.length === 0 ? '' : `${gapText(gaps)} when it started: there may be more above it`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
