/** The event of Tetragon's own test sensor is shown without any of its fields. */
export function testLine(): string {
  return 'TEST EVENT'
}
