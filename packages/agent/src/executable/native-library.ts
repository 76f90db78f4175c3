import { constants } from 'node:os'
import { dirname } from 'node:path'
import { getRawAsset } from 'node:sea'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { AgentError } from '../error.ts'
import { createLibraryFile } from './library-file.ts'

/** Where other threads find the path of the library. */
const pathKey = 'tetragon.native-library'

/**
 * Folders for the file of the library. Which of them others can write to does not matter: see
 * {@link createLibraryFile}. systemd and container runtimes mount some of them noexec.
 */
export const libraryFolders = [
  ...['/dev/shm', '/run/tetragon', '/run', '/var/lib/tetragon', dirname(process.execPath)],
  ...['/var/tmp', '/tmp'],
]

let loaded: { readonly exports: unknown } | undefined

/**
 * The FFI's native library, which the C library can only load from a file: the exports of
 * `koffi.node`. The main thread loads it first.
 * @throws AgentError AGENT_LIBRARY if no file system is writable and permits execution
 */
export function nativeLibrary(): unknown {
  loaded ??= loadKnown() ?? loadFirst(libraryFolders)
  return loaded.exports
}

/** In a thread: the library that the main thread has loaded. */
function loadKnown(): typeof loaded {
  const path = getEnvironmentData(pathKey)
  return typeof path === 'string' ? open(path) : undefined
}

function loadFirst(folders: readonly string[]): NonNullable<typeof loaded> {
  const bytes = new Uint8Array(getRawAsset('koffi/koffi.node') as ArrayBuffer)
  const { path, result } = firstThatLoads(folders, bytes, open)
  setEnvironmentData(pathKey, path)
  return result
}

function open(path: string): NonNullable<typeof loaded> {
  const module = { exports: {} as unknown }
  process.dlopen(module, path, constants.dlopen.RTLD_LAZY)
  return module
}

/**
 * Tries folders in turn. The file stays open: its path is that of its descriptor.
 * @param load loads a library from a path, and throws if that is impossible
 */
export function firstThatLoads<T>(
  folders: readonly string[],
  bytes: Uint8Array,
  load: (path: string) => T,
): { readonly path: string; readonly result: T } {
  const reasons: string[] = []
  for (const folder of new Set(folders)) {
    try {
      using file = createLibraryFile(folder, bytes)
      const result = load(file.path)
      file.keep()
      return { path: file.path, result }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT')
        reasons.push(`${folder}: ${message.replace(/^\/proc\S+ |, open .*/g, '')}`)
    }
  }
  throw new AgentError(
    'AGENT_LIBRARY',
    'load the native library: needs a writable file system that permits execution, such as ' +
      `a tmpfs at /dev/shm without noexec (${reasons.join('; ')})`,
  )
}
