import { text } from '../fields/field-readers.ts'
import { test } from '../term.ts'
import type { View } from './view.ts'

/** Indexes of arguments by Falco's names, for calls without a log source of their own. */
const argumentsOf: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  symlink: { target: 0, linkpath: 1 },
  symlinkat: { target: 0, linkpath: 2 },
  link: { oldpath: 0, newpath: 1 },
  linkat: { oldpath: 1, newpath: 3 },
  mkdir: { path: 0 },
  mkdirat: { path: 1 },
  mount: { dev: 0, dir: 1, type: 2 },
  umount: { name: 0 },
  umount2: { name: 0 },
  chdir: { path: 0 },
  chroot: { path: 0 },
}

/** Names that Falco gives to the paths of calls. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  ...{ path: ['fs.path.name'], name: ['fs.path.name'], dir: ['fs.path.target'] },
  ...{ dev: ['fs.path.source'], oldpath: ['fs.path.source'], newpath: ['fs.path.target'] },
  ...{ target: ['fs.path.source'], linkpath: ['fs.path.target'] },
}

/** Any other system call: an event of a policy that hooks it. */
export function callView(name: string): View {
  const indexes = Object.hasOwn(argumentsOf, name) ? argumentsOf[name] : {}
  const plain = Object.entries(indexes).flatMap(([argument, index]) => {
    const read = text(`args.${index}`)
    const names = [`evt.arg.${argument}`, ...(aliases[argument] ?? [])]
    return names.map((each) => [each, read] as const)
  })
  return {
    category: 'tetragon_hook',
    types: [name],
    base: test('Hook', `sys_${name}`),
    fields: { plain: Object.fromEntries(plain) },
  }
}
