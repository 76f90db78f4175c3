/** A page that opens another address. @param address of this program: it needs no escapes */
export function leadTo(address: string): string {
  return [
    '<!doctype html>',
    `<meta http-equiv="refresh" content="0;url=${address}">`,
    // Otherwise browsers ask for an icon.
    '<link rel="icon" href="data:,">',
    '<title>Tetragon</title>',
  ].join('')
}
