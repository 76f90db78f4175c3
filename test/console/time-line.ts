import assert from 'node:assert/strict'
import type { AgentInConsole } from './agent-in-console.ts'
import { waitUntil } from './waits.ts'

type Page = AgentInConsole['page']

/** The time line of a page, and the span that is selected in it. */
export class TimeLine {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  get chart(): ReturnType<Page['getByRole']> {
    return this.#page.getByRole('slider', { name: 'Span of time' })
  }

  /** The button that removes the span. */
  get showAll(): ReturnType<Page['getByRole']> {
    return this.#page.getByRole('button', { name: 'Show all times' })
  }

  /** Start and end of the selected span, as in the address: milliseconds since 1970. */
  get span(): { readonly from: number; readonly to: number } {
    const parameters = new URL(this.#page.url()).searchParams
    const [from, to] = [parameters.get('from') ?? '', parameters.get('to') ?? '']
    return { from: Date.parse(from), to: Date.parse(to) }
  }

  /** Selects everything from a moment on. @param time milliseconds since 1970 */
  async selectFrom(time: number): Promise<void> {
    const [low, high] = await Promise.all([this.#end('aria-valuemin'), this.#end('aria-valuemax')])
    await this.#drag((time - low) / (high - low), 1)
    await this.showAll.waitFor()
  }

  /** Waits until the time line has events later than a moment. */
  async reaches(time: number): Promise<void> {
    await waitUntil(async () => (await this.#end('aria-valuemax')) > time)
  }

  async #end(name: string): Promise<number> {
    return Number(await this.chart.getAttribute(name))
  }

  /** @param from and to are parts of the width */
  async #drag(from: number, to: number): Promise<void> {
    const box = await this.chart.boundingBox()
    assert.ok(box)
    const { mouse } = this.#page
    await mouse.move(box.x + from * box.width, box.y + box.height / 2)
    await mouse.down()
    await mouse.move(box.x + to * box.width, box.y + box.height / 2, { steps: 4 })
    await mouse.up()
  }
}
