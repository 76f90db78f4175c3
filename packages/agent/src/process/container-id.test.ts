import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import { containerIdOfCgroup, containerIdOfCgroupPath } from './container-id.ts'
