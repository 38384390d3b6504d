import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useSignOut } from '../api/session.ts'
import { chooseTheme, chosenTheme, themes } from './theme.ts'

/** Colours, and the way out. */
export function AccountMenu({ username }: { username: string | null }) {
  const signOut = useMutation({ mutationFn: useSignOut() })
  const [theme, setTheme] = useState(chosenTheme)
  return (
    <div className="account">
      <select
        aria-label="Colours"
        value={theme}
        onChange={({ target }) => {
          const chosen = themes.find((each) => each === target.value) ?? 'system'
          chooseTheme(chosen)
          setTheme(chosen)
        }}
      >
        <option value="system">System</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
      <button
        type="button"
        title={username === null ? 'signed in with the API secret' : `signed in as ${username}`}
        onClick={() => signOut.mutate()}
        disabled={signOut.isPending}
      >
        Sign out
      </button>
    </div>
  )
}
