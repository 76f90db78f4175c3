// The process of the image, from deploy/Dockerfile.

/**
 * Reads the instructions ENV, LABEL and ENTRYPOINT; others are for a builder.
 * @param {string} text
 * @returns configuration of an OCI image
 */
export function imageProcess(text) {
  const of = (name) =>
    [...text.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(([, value]) => value)
  const [entrypoint] = of('ENTRYPOINT')
  return {
    Entrypoint: JSON.parse(entrypoint),
    Env: of('ENV'),
    Labels: Object.fromEntries(of('LABEL').map((each) => each.split('='))),
  }
}
