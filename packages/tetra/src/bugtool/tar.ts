/** A file of an archive. */
export interface ArchivedFile {
  /** Path in the archive: at most 100 bytes of ASCII. */
  readonly name: string
  readonly content: Buffer
}

const block = 512

function field(header: Buffer, at: number, size: number, text: string): void {
  header.write(text, at, size, 'latin1')
}

function octal(value: number, size: number): string {
  return value.toString(8).padStart(size - 1, '0')
}

/** Header of a file as POSIX describes it (ustar). */
function headerOf({ name, content }: ArchivedFile, mtime: number): Buffer {
  if (!/^[\x21-\x7e]{1,100}$/.test(name)) throw new Error(`archive ${name}: no name for an archive`)
  const header = Buffer.alloc(block)
  field(header, 0, 100, name)
  field(header, 100, 8, octal(0o600, 8))
  field(header, 108, 8, octal(0, 8))
  field(header, 116, 8, octal(0, 8))
  field(header, 124, 12, octal(content.length, 12))
  field(header, 136, 12, octal(mtime, 12))
  field(header, 156, 1, '0')
  field(header, 257, 8, 'ustar\x0000')
  // The checksum is computed with spaces in its field.
  field(header, 148, 8, '        ')
  const sum = header.reduce((total, byte) => total + byte, 0)
  field(header, 148, 8, `${octal(sum, 7)}\0 `)
  return header
}

/** A tar archive of files, in order. @param seconds since 1970, for all of them */
export function tarArchive(files: readonly ArchivedFile[], seconds: number): Buffer {
  const parts = files.flatMap((file) => {
    const padding = (block - (file.content.length % block)) % block
    return [headerOf(file, seconds), file.content, Buffer.alloc(padding)]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}
