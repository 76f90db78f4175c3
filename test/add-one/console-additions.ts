import type { Addition } from './addition.ts'

const view = `import type { View } from '../page/view.ts'
import type { WorkerLink } from '../page/worker-link.ts'

/** How many events are kept. */
export function dummyView({ link }: { readonly link: Pick<WorkerLink, 'summary'> }): View {
  return {
    path: '/dummy',
    name: 'Dummy',
    state: () => ({}),
    restore() {},
    render: () => <main class="view">{link.summary.value.kept} events</main>,
  }
}
`

export const consoleAdditions: readonly Addition[] = [
  {
    title: 'A console view',
    most: 5,
    name: {
      file: 'console/src/main.tsx',
      insert: { 'const views = [\n': 'dummyView({ link }),\n' },
    },
    // Views are elements of a list, not names: there is nothing to miss.
    missing: [],
    rest: [
      { file: 'console/src/dummy/dummy-view.tsx', create: view },
      {
        file: 'console/src/main.tsx',
        insert: {
          "import { takeKey } from './access-key.ts'\n":
            "import { dummyView } from './dummy/dummy-view.tsx'\n",
        },
      },
      {
        file: 'scripts/borders.mjs',
        insert: { "...['processes', 'overview', 'events', 'health', ": "'dummy', " },
      },
    ],
  },
]
