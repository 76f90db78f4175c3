import { changeEach, type Modifier, requirePlain } from './modifier.ts'

function encode(text: string, littleEndian: boolean, mark: boolean): Uint8Array {
  const whole = mark ? `\ufeff${text}` : text
  const bytes = new Uint8Array(whole.length * 2)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < whole.length; i++) view.setUint16(i * 2, whole.charCodeAt(i), littleEndian)
  return bytes
}

function utf16Modifier(
  name: string,
  doc: string,
  { littleEndian, mark = false }: { readonly littleEndian: boolean; readonly mark?: boolean },
  aliases: readonly string[] = [],
): Modifier {
  return {
    name,
    aliases,
    doc,
    apply(item) {
      changeEach(item, (draft) => {
        return { kind: 'bytes', bytes: encode(requirePlain(draft, name), littleEndian, mark) }
      })
    },
  }
}

export const utf16: readonly Modifier[] = [
  utf16Modifier('utf16le', 'the value in UTF-16, low bytes first', { littleEndian: true }, [
    'wide',
  ]),
  utf16Modifier('utf16be', 'the value in UTF-16, high bytes first', { littleEndian: false }),
  utf16Modifier('utf16', 'the value in UTF-16 with a byte order mark', {
    littleEndian: true,
    mark: true,
  }),
]
