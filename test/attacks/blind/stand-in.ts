/**
 * Shell text that puts programs in place which do nothing, with these names: what is observed is
 * how they are called. For programs that the machine lacks, or that would reach beyond the root.
 * A program of the machine is replaced where it is.
 */
export function standIn(...names: readonly string[]): string {
  return `for each in ${names.join(' ')}; do
  place=$(command -v $each) || place=/usr/bin/$each
  rm -f $place
  cp /bin/true $place
done`
}
