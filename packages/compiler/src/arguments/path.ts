import { Dentry, Path } from '@tetragon-ts/sensors/kernel/types'
import { asPointer } from '../hook/hit.ts'
import type { ArgumentType } from './argument-type.ts'
import {
  dentryValue,
  type PathShape,
  pathJson,
  pathMax,
  pathShape,
  pathValue,
} from './path-value.ts'

const path = {
  shape: pathShape,
  facets: ['text', 'mode', 'inode'],
  tailMax: pathMax,
  costly: true,
  hasLastName: true,
  json: pathJson('path_arg'),
} as const

/** A location in the tree of folders and mounts, as the current process sees it. */
const pathType: ArgumentType<PathShape> = {
  ...path,
  expects: { kind: 'structure', names: ['path'] },
  read(hit, raw, _, context) {
    const place = asPointer(hit.k, raw, Path)
    return pathValue(hit, place, () => place.dentry.d_inode, context)
  },
}

/** A directory entry: its path starts at the root of its file system. */
const dentryType: ArgumentType<PathShape> = {
  ...path,
  expects: { kind: 'structure', names: ['dentry'] },
  read: (hit, raw, _, context) => dentryValue(hit, asPointer(hit.k, raw, Dentry), context),
}

export const pathTypes = { path: pathType, dentry: dentryType }
