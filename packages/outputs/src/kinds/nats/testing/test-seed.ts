/** The seed of a user's key that only tests have: 32 bytes of 7. */
export const testSeed = 'SUAAOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBZ5FE'
