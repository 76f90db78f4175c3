import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'

/** A browser: its history, and the entry that it shows. */
const entries = ['/?filter=old']
let shown = 0
let refuses = false
let onPopState: () => void = () => {}
/** As Firefox does after many changes. */
function refuse(): void {
  if (refuses) throw new DOMException('too many calls', 'SecurityError')
}
const browser = {
  location: {
    get href() {
      return entries[shown]
    },
    get pathname() {
      return entries[shown].split('?')[0]
    },
    get search() {
      const [, search] = entries[shown].split('?')
      return search === undefined ? '' : `?${search}`
    },
  },
  history: {
    pushState(_: null, __: string, address: string) {
      refuse()
      entries.splice(shown + 1)
      shown = entries.push(address) - 1
    },
    replaceState(_: null, __: string, address: string) {
      refuse()
      entries[shown] = address
    },
  },
  addEventListener: (_: string, listener: () => void) => {
    onPopState = listener
  },
}
Object.assign(globalThis, browser)
// Other tests of this process may use the module, too.
const own = new URL('./address.js?own', import.meta.url).href
const { leadTo, onHistory, parameter, path, writeAddress }: typeof import('./address.ts') =
  await import(own)

describe('the address of the page', () => {
  // Other tests may have a page of their own.
  beforeEach(() => void Object.assign(globalThis, browser))

  test('each change of the user is an entry, and a filter that is typed is one', () => {
    writeAddress('/', { filter: 'old' }, 0)
    assert.deepEqual(entries, ['/?filter=old'])
    for (const [i, filter] of ['o', 'of', 'ofe', 'ofen'].entries()) {
      writeAddress('/', { filter }, 10_000 + i * 200)
    }
    assert.deepEqual(entries, ['/?filter=old', '/?filter=ofen'])
    // Its name arrives later than the event is chosen.
    writeAddress('/', { filter: 'ofen', event: 'a' }, 10_700)
    writeAddress('/', { filter: 'ofen' }, 30_000)
    writeAddress('/', { filter: 'ofen', event: 'b' }, 30_010)
    writeAddress('/', { filter: 'ofen', event: 'b', from: '1', to: '2' }, 30_020)
    assert.deepEqual(entries.slice(2), [
      '/?filter=ofen&event=a',
      '/?filter=ofen&event=b',
      '/?filter=ofen&event=b&from=1&to=2',
    ])
  })

  test('going back and forward restores what was shown, and adds nothing', () => {
    const before = [...entries]
    let filter = ''
    let event = ''
    onHistory(() => {
      filter = parameter('filter')
      event = parameter('event')
      const span = { from: parameter('from'), to: parameter('to') }
      // Parts of the page may restore their state one after the other.
      writeAddress('/', { filter, event })
      writeAddress('/', { filter, event, ...span })
    })
    const go = (to: number): void => {
      shown = to
      onPopState()
    }
    go(1)
    assert.deepEqual([filter, event], ['ofen', ''])
    go(3)
    assert.equal(event, 'b')
    go(4)
    assert.equal(event, 'b')
    go(0)
    assert.equal(filter, 'old')
    assert.deepEqual(entries, before)
  })

  test('another view is one entry, with what is chosen in it', () => {
    shown = entries.length - 1
    const length = entries.length
    leadTo('/processes', () => writeAddress('/processes', { id: 'x' }))
    assert.equal(path.value, '/processes')
    leadTo('/', () => {})
    // The event of the link is named when its detail arrives.
    writeAddress('/', { event: 'c' }, performance.now() + 100)
    assert.deepEqual(entries.slice(length), ['/processes?id=x', '/?event=c'])
    writeAddress('/', { event: 'c', filter: 'x' }, performance.now() + 200)
    assert.equal(entries.at(-1), '/?event=c&filter=x')
    assert.equal(entries.length, length + 3)
  })

  test('an address that cannot be restored does not end the history', () => {
    shown = entries.length - 1
    assert.throws(() =>
      leadTo('/health', () => {
        throw new Error('x')
      }),
    )
    const { length } = entries
    writeAddress('/', { filter: 'x' }, 1e9)
    writeAddress('/', { filter: 'x', event: 'd' }, 2e9)
    assert.equal(entries.length, length + 1)
  })

  test('a browser that refuses to write the address does not stop the page', () => {
    shown = entries.length - 1
    const { length } = entries
    refuses = true
    writeAddress('/', { filter: 'y' }, 3e9)
    leadTo('/policies', () => {})
    refuses = false
    assert.equal(path.value, '/policies')
    writeAddress('/policies', { id: 'p' }, 4e9)
    assert.deepEqual([entries.length, entries.at(-1)], [length, '/policies?id=p'])
  })
})
