import { glob, readFile } from 'node:fs/promises'
import { relative } from 'node:path'

type Report = {
  numPassedTests: number
  numFailedTests: number
  numTotalTestSuites: number
  success: boolean
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string }[]
  }[]
}

/**
 * Adds up the reports that the test runners left in `reports/` folders, names each test that failed and
 * each file that did not load, and prints `N passed, N failed` last. Fails when there is one of these,
 * or no report.
 */
let passed = 0
let failed = 0
let broken = false
for await (const path of glob('{packages,services,deploy}/*/reports/*.json')) await add(path)
for await (const path of glob('{gateway,scripts,test}/reports/*.json')) await add(path)

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function add(path: string): Promise<void> {
  const report = JSON.parse(await readFile(path, 'utf8')) as Report
  passed += report.numPassedTests
  failed += report.numFailedTests
  broken ||= !report.success
  for (const { name, status, message, assertionResults } of report.testResults) {
    const names = assertionResults.filter((each) => each.status === 'failed')
    for (const { fullName } of names) print(`failed: ${relative('.', name)}: ${fullName}`)
    if (status === 'failed' && names.length === 0) {
      print(`failed: ${relative('.', name)}: ${message ?? 'it did not load'}`)
    }
  }
}

print(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || broken || passed === 0 ? 1 : 0
