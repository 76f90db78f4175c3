import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { recipe } from './recipe.ts'

/** Files in which `reflect.DeepEqual` compares a value with a `reflect.Value`. */
const validators = [
  'vendor/github.com/go-openapi/validate/type.go',
  'vendor/k8s.io/kube-openapi/pkg/validation/validate/type.go',
]
const comparison =
  'data == nil || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data))'

/**
 * Unpacks the source into a GOPATH and patches it for Go 1.24.
 * @param download folder with the tarball
 * @param packages folder with unpacked Debian packages
 * @returns the folder of the tree
 * @throws Error if the tarball or a file in it is unexpected
 */
export async function unpackKubernetes(
  download: string,
  packages: string,
  goPath: string,
): Promise<string> {
  const { tarball, sha256 } = recipe.kubernetes
  const archive = join(download, tarball)
  const hash = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex')
  if (hash !== sha256) throw new Error(`unpack ${tarball}: sha256 is ${hash}, expected ${sha256}`)
  const parent = join(goPath, 'src/k8s.io')
  await mkdir(parent, { recursive: true })
  await runOrThrow('tar', ['-xzf', archive, '-C', parent])
  const [unpacked] = await readdir(parent)
  const tree = join(parent, 'kubernetes')
  if (unpacked === undefined) throw new Error(`unpack ${tarball}: it is empty`)
  await rename(join(parent, unpacked), tree)
  await replaceReflect(tree, packages)
  for (const path of validators) await correctComparison(join(tree, path))
  return tree
}

/** 1.0.1 iterates maps in a way that Go 1.18 removed. */
async function replaceReflect(tree: string, packages: string): Promise<void> {
  const name = 'github.com/modern-go/reflect2'
  const target = join(tree, 'vendor', name)
  await rm(target, { recursive: true })
  await cp(join(packages, 'usr/share/gocode/src', name), target, { recursive: true })
}

/**
 * Go 1.24 finds a zero `reflect.Value` equal to that of an empty string, so that `default: ""` in
 * a CRD would be refused as null.
 */
async function correctComparison(path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  if (!text.includes(comparison)) throw new Error(`patch ${path}: the condition is missing`)
  await writeFile(path, text.replace(comparison, 'data == nil'))
}
