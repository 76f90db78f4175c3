import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'

/** The link that the kubelet replaces, in one step, when a ConfigMap changes. */
const content = '..data'

/**
 * Calls back when the ConfigMap that a folder is a volume of has other content. Other folders are
 * not watched: a file that a person is writing is not complete.
 * @param failed gets the reason if the folder cannot be watched (any more)
 */
export function watchConfigMap(
  folder: string,
  changed: () => void,
  failed: (error: Error) => void,
): Disposable {
  if (!existsSync(join(folder, content))) return { [Symbol.dispose]: () => {} }
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      if (name === content) changed()
    })
    watcher.on('error', failed)
    return { [Symbol.dispose]: () => watcher.close() }
  } catch (error) {
    failed(error as Error)
    return { [Symbol.dispose]: () => {} }
  }
}
