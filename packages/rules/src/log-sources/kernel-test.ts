/** A test of an argument that the kernel makes, as policies write it (`matchArgs`). */
export interface KernelTest {
  /** Index in the list of the hook's arguments. */
  readonly argument: number
  readonly operator: string
  /** Alternatives; of a negated operator, none of them may match. */
  readonly values: readonly string[]
}

/** Whether none of its values may match. */
export function isNegated({ operator }: KernelTest): boolean {
  return operator.startsWith('Not')
}

/** Whether two tests differ in their values at most. */
export function isAlike(one: KernelTest, other: KernelTest): boolean {
  return one.argument === other.argument && one.operator === other.operator
}

/** A test with further values. */
export function withValues(test: KernelTest, values: readonly string[]): KernelTest {
  return { ...test, values: [...new Set([...test.values, ...values])] }
}

/** Identifies a test. */
export function keyOfTest({ argument, operator, values }: KernelTest): string {
  return JSON.stringify([argument, operator, values])
}

/** All of these tests and of those; values of negated tests are joined. */
export function allTests(
  these: readonly KernelTest[],
  those: readonly KernelTest[],
): readonly KernelTest[] {
  const tests = [...these]
  for (const test of those) {
    const at = tests.findIndex((each) => isAlike(each, test))
    if (at >= 0 && isNegated(test)) tests[at] = withValues(tests[at], test.values)
    else if (at < 0 || keyOfTest(tests[at]) !== keyOfTest(test)) tests.push(test)
  }
  return tests
}
