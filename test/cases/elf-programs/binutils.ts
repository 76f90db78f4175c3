import { runOrThrow, runProgram } from '@tetragon-ts/test/archives'

/** `ADDRESS NAME` of each function that a file defines, as readelf lists them. */
export async function functionsByReadelf(path: string): Promise<Set<string>> {
  const found = new Set<string>()
  const line =
    /^\s*\d+: ([0-9a-f]+)\s+\S+ (?:FUNC|IFUNC)\s+\S+\s+\S+\s+(?:\[.*\]\s+)?\d+\s+([^\s@]+)/
  for (const text of (await runOrThrow('readelf', ['-sW', path])).split('\n')) {
    const match = line.exec(text)
    if (match !== null) found.add(`${Number.parseInt(match[1], 16)} ${match[2]}`)
  }
  return found
}

/** The address of a variable. */
export async function variableByReadelf(path: string, name: string): Promise<number> {
  const lines = (await runOrThrow('readelf', ['-sW', path])).split('\n')
  const line = lines.find((text) => text.includes(' OBJECT ') && text.endsWith(` ${name}`))
  return Number.parseInt(line?.trim().split(/\s+/)[1] ?? '', 16)
}

/** `ADDRESS NAME@plt` of each stub, as objdump labels them. */
export async function stubsByObjdump(path: string): Promise<Set<string>> {
  const sections = ['.plt', '.plt.sec', '.plt.got'].flatMap((name) => ['-j', name])
  // It fails if one of the sections is missing, and shows the others.
  const { stdout } = await runProgram('objdump', ['-d', ...sections, path])
  const labels = stdout.matchAll(/^([0-9a-f]+) <([^\s@*>]+)(?:@[^@>]+)?@plt>:/gm)
  return new Set([...labels].map((match) => `${Number.parseInt(match[1], 16)} ${match[2]}@plt`))
}

/** What readelf says of a static probe. */
export interface ReadelfProbe {
  readonly name: string
  readonly address: number
  readonly semaphore: number
  readonly arguments: string
}

/** The notes of static probes. */
export async function probesByReadelf(path: string): Promise<ReadelfProbe[]> {
  const text = await runOrThrow('readelf', ['-nW', path])
  const note =
    /Name: (\S+)\s+Location: (0x[0-9a-f]+), Base: 0x[0-9a-f]+, Semaphore: (0x[0-9a-f]+)\s+Arguments: (.*)/g
  return [...text.matchAll(note)].map((match) => ({
    name: match[1],
    address: Number(match[2]),
    semaphore: Number(match[3]),
    arguments: match[4],
  }))
}
