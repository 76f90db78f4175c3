// The components of bills of materials: their type, name, version, licence and package URL.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @param npm `{ name, version, license }` */
export function npmComponent({ name, version, license }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`
  return { type: 'library', name, version, license, purl }
}

/**
 * Node.js, where an artefact contains it. The libraries in it are named in its own LICENSE.
 * @param release the folder with its LICENSE and package.json
 */
export function nodeComponent(release) {
  const { version } = JSON.parse(readFileSync(join(release, 'package.json'), 'utf8'))
  const [text] = readFileSync(join(release, 'LICENSE'), 'utf8').split('externally maintained')
  return {
    type: 'platform',
    name: 'nodejs',
    version,
    license: /Permission is hereby granted, free of charge/.test(text) ? 'MIT' : undefined,
    purl: `pkg:generic/nodejs@${version}`,
    // Scanners find its vulnerabilities by this name.
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
  }
}

/**
 * A package of Debian.
 * @param file its archive, such as `libc6_2.41-12_amd64.deb`
 * @param suite such as `trixie`
 */
export function debianComponent(file, suite, license) {
  const [name, text, architecture] = file.replace(/\.deb$/, '').split('_')
  const version = decodeURIComponent(text)
  const qualifiers = `arch=${architecture}&distro=${suite}`
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${qualifiers}`
  return { type: 'library', name, version, license, purl }
}

/**
 * The package URL of an image.
 * @param reference registry, name and tag; @param digest of its manifest
 */
export function imagePurl(reference, digest) {
  const colon = reference.lastIndexOf(':')
  const repository = reference.slice(0, colon)
  const name = repository.slice(repository.lastIndexOf('/') + 1)
  const qualifiers = `repository_url=${repository}&tag=${reference.slice(colon + 1)}`
  return `pkg:oci/${name}@${encodeURIComponent(digest)}?${qualifiers}`
}
