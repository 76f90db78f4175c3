import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { collectors } from './registry.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: {
    readonly h: number
    readonly w: number
    readonly x: number
    readonly y: number
  }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

const path = new URL('../../../../../deploy/grafana/tetragon.json', import.meta.url)
const text = readFileSync(path, 'utf8')
const { panels, templating } = JSON.parse(text) as {
  panels: Panel[]
  templating: { list: { name: string }[] }
}
const declared = new Map(
  collectors.flatMap((each) => each.metrics).map((metric) => [metric.name, metric]),
)

/** Metrics in an expression, with conditions on their labels. */
function* usesOf(expr: string): Generator<[name: string, labels: string[]]> {
  for (const [, name, selector] of expr.matchAll(
    /\b((?:tetragon|process|nodejs)_\w+)(?:\{(.*?)\})?/g,
  )) {
    yield [name, [...(selector ?? '').matchAll(/(\w+)[=!]/g)].map(([, label]) => label)]
  }
}

describe('the dashboard for Grafana', () => {
  const asked = panels.flatMap(({ targets = [], title }) =>
    targets.map((target) => ({ ...target, title })),
  )

  for (const { title, expr, legendFormat } of asked) {
    it(`uses existing metrics and labels: ${title}, ${legendFormat}`, () => {
      const uses = [...usesOf(expr)]
      assert.ok(uses.length > 0)
      const labels = new Set(['instance', 'le'])
      for (const [name, wanted] of uses) {
        const metric = declared.get(name) ?? declared.get(name.replace(/_bucket$/, ''))
        assert.ok(metric, name)
        for (const label of metric.labels) labels.add(label)
        for (const label of wanted) assert.ok(labels.has(label), `${name}{${label}}`)
      }
      const grouped = [...expr.matchAll(/\bby \((.*?)\)/g)].flatMap(([, list]) => list.split(', '))
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label)
      for (const label of [...grouped, ...shown]) assert.ok(labels.has(label), label)
    })
  }

  it('has panels that do not overlap, each with a unique number', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    const cells = new Set<string>()
    for (const { gridPos, title } of panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(!cells.has(`${x} ${y}`), title)
          cells.add(`${x} ${y}`)
        }
      }
    }
  })

  it('uses no variables but its own', () => {
    const names = new Set(templating.list.map(({ name }) => name))
    for (const [, name] of text.matchAll(/\$\{?(\w+)\}?/g)) {
      assert.ok(names.has(name) || name.startsWith('__'), name)
    }
  })
})
