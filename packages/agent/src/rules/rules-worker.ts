import { parentPort, workerData } from 'node:worker_threads'
import { prepareTexts } from './prepare-texts.ts'
import type { RulesToRead } from './prepared-rules.ts'

// The program of the thread that reads detection rules.

parentPort?.postMessage(prepareTexts(workerData as RulesToRead))
