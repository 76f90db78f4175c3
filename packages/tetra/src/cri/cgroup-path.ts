/** The slices around a slice: `a-b.slice` is inside of `a.slice` (systemd.slice(5)). */
function slicePath(slice: string): string {
  const name = slice.replace(/\.slice$/, '')
  if (name === '' || name === '-') return ''
  const words = name.split('-')
  return words.map((_, i) => `/${words.slice(0, i + 1).join('-')}.slice`).join('')
}

/**
 * The folder of a control group below the root of its hierarchy: a path as it is; systemd's
 * notation `SLICE:PREFIX:NAME` as the folder that systemd makes of it.
 */
export function cgroupFolder(cgroupsPath: string): string {
  const parts = cgroupsPath.split(':')
  if (parts.length !== 3) return cgroupsPath
  const [slice, prefix, name] = parts
  const unit = name.endsWith('.slice') ? name : `${prefix === '' ? '' : `${prefix}-`}${name}.scope`
  return `${slicePath(slice || 'system.slice')}/${unit}`
}

/** Finds the path in a runtime's description of a container. @throws Error if it is missing */
export function cgroupsPathOf(info: Readonly<Record<string, string>>): string {
  let parsed: { runtimeSpec?: { linux?: { cgroupsPath?: unknown } } }
  try {
    parsed = JSON.parse(info.info ?? '{}')
  } catch (error) {
    throw new Error(`read the runtime's response: ${(error as Error).message}`)
  }
  const path = parsed.runtimeSpec?.linux?.cgroupsPath
  if (typeof path !== 'string' || path === '') {
    throw new Error("read the runtime's response: it lacks the container's control group")
  }
  return path
}
