import assert from 'node:assert/strict'
import { it } from 'node:test'
import { bucketUrl } from './bucket-address.ts'

for (const [name, endpoint, url] of [
  ['events', '', 'https://events.s3.eu-west-1.amazonaws.com/'],
  ['my.events', '', 'https://s3.eu-west-1.amazonaws.com/my.events/'],
  ['events', 'http://minio:9000', 'http://minio:9000/events/'],
] as const) {
  it(`the bucket ${name} of "${endpoint}" is at ${url}`, () => {
    assert.equal(bucketUrl(name, { region: 'eu-west-1', endpoint }).href, url)
  })
}
