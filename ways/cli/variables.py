"""Which names ``--format env`` may give to a variable: not those by which a program decides what to run or to read.

Nobody can list all such names. They follow conventions, though: a program puts its own name before them, and what they are
ends them (``HOUDINI_PATH``, ``GIT_SSH_COMMAND``). So there are names, beginnings and endings. See
``docs/explanation/security.rst``.
"""

from __future__ import annotations

#: The variables that Ways reads.
VARIABLES = (
    "WAYS_DESCRIPTORS",
    "WAYS_PLUGINS",
    "WAYS_SNAPSHOT",
    "WAYS_PLATFORM",
    "WAYS_PLATFORMS",
    "WAYS_PRIORITY",
    "WAYS_PARSERS",
    "WAYS_EXPAND_CHOICE_ORDER",
    "WAYS_STRICT",
    "WAYS_OWNERS",
    "WAYS_CACHE",
    "WAYS_LIMITS",
    "WAYS_ENV_ALLOW",
)
#: Names in capitals; any case of their letters counts, as in ``http_proxy`` and on Windows.
_NAMES = frozenset(
    (
        # Shells.
        "BASH BASHOPTS BASHPID CDPATH COLUMNS COPROC DIRSTACK ENV EUID EXINIT FCEDIT FIGNORE FPATH FUNCNAME GLOBIGNORE GROUPS HISTCMD "
        "HISTCONTROL HISTFILE HISTIGNORE HISTSIZE HOME IFS INPUTRC LINENO LINES MACHTYPE MAILCHECK MAILPATH MANPATH NULLCMD OLDPWD "
        "OPTARG OPTERR OPTIND OSTYPE PATH POSIXLY_CORRECT PPID PROMPT PROMPT_COMMAND PROMPT_DIRTRIM PS0 PS1 PS2 PS3 PS4 PWD RANDOM "
        "READNULLCMD REPLY RPROMPT RPS1 RPS2 SECONDS SHELL SHELLOPTS SHLVL SPROMPT SRANDOM TIMEFORMAT TMOUT UID ZDOTDIR "
        # What a program that many start looks at: folders, programs to ask with, languages, terminals, the network.
        "BROWSER CVS_RSH DISPLAY EDITOR GETCONF_DIR GREP_COLOR GREP_COLORS HOSTALIASES HOSTFILE LANG LESS LESSCHARSET LESSCLOSE LESSEDIT "
        "LESSHISTFILE LESSKEY LESSKEYIN LESSKEYIN_SYSTEM LESSKEY_CONTENT LESSKEY_SYSTEM LESSOPEN LESSSECURE LOCALDOMAIN LOCPATH LOGNAME "
        "LS_COLORS MANOPT MANPAGER MANROFFOPT MORE NETRC NLSPATH PAGER RSYNC_RSH SVN_SSH SYSTEMD_LESS TEMP TERM TERMCAP TERMINFO "
        "TERMINFO_DIRS TEXMFHOME TMP TMPDIR TMPPREFIX TZ TZDIR VISUAL WAYLAND_DISPLAY XAUTHORITY XENVIRONMENT "
        # Compilers, interpreters and their package managers.
        "BUNDLE_GEMFILE CC CFLAGS CLASSPATH CPATH CPP CPPFLAGS CXX CXXFLAGS EMACSLOADPATH GNUMAKEFLAGS GNUPGHOME GOBIN GOENV GOFLAGS "
        "GOPATH GOPROXY GOROOT INFOPATH KUBECONFIG LDFLAGS LUA_CPATH LUA_INIT MAKEFILES MAKEFLAGS MFLAGS MYVIMRC OCIO PHPRC R_ENVIRON "
        "RUSTFLAGS RUST_LOG R_LIBS R_PROFILE SSLKEYLOGFILE TCLLIBPATH TCL_LIBRARY TK_LIBRARY "
        "UV_DEFAULT_INDEX UV_INDEX UV_INDEX_URL UV_PYTHON VIM VIMINIT VIMRUNTIME VIRTUAL_ENV WGETRC "
        # Windows.
        "ALLUSERSPROFILE APPDATA COMMONPROGRAMFILES COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROGRAMDATA PROGRAMFILES "
        "PSMODULEPATH SYSTEMDRIVE SYSTEMROOT USERPROFILE WINDIR"
    ).split()
).union(VARIABLES, ("_WAYS_BREAKS", "_WAYS_COMPLETE", "_WAYS_LINE"))
#: Names that mean something to zsh or fish in small letters alone; STATUS and HISTORY are tokens like any other.
_SMALL = frozenset("_ argv fish_pid history match mbegin mend module_path options pipestatus psvar signals status watch".split())
#: What a program puts before the names of its own variables.
_BEGINNINGS = (
    "ANSIBLE_", "ARGCOMPLETE", "ASAN_", "AWS_", "AZURE_", "BASH_", "BUN_", "BUNDLER_", "CARGO_", "CLOUDSDK_", "CMAKE_", "CONDA_",
    "CURL_", "DBUS_", "DENO_", "DOCKER_", "DYLD_", "FISH_", "__FISH", "FZF_", "GCC_", "GCONV_", "GDK_", "GEM_", "GH_",
    "GIO_",
    "GITHUB_", "GITLAB_", "GIT_", "GLIBC_", "GOOGLE_", "GPG_", "GRADLE_", "GSETTINGS_", "GST_", "GTK_", "JAVA_", "JDK_", "JULIA_",
    "KRB5_", "LC_", "LDR_", "LD_", "LIBGL_", "LSAN_", "MALLOC_", "MAVEN_", "MSAN_", "NODE_", "NPM_", "NVM_", "OPENSSL_", "PERL", "PHP_",
    "PIP_", "POETRY_", "PXR_", "PYENV_", "PYTEST_", "PYTHON", "QML_", "QT_", "READLINE_", "REQUESTS_", "RUBY", "RUSTC",
    "SSH_", "SSL_", "SUDO_", "SYSTEMD_", "TSAN_", "UBSAN_", "VK_", "XDG_", "YARN_", "ZSH_",
)  # fmt: skip
#: What says, at the end of a name of several words, that a program runs what is there, or reads how it is to run.
_ENDINGS = (
    "_ASKPASS", "_CMD", "_COMMAND", "_CONFIG", "_CONFIG_DIR", "_CONFIG_FILE", "_EDITOR", "_FLAGS", "_HOME", "_HOOK", "_HOOKS",
    "_MODULES", "_OPTIONS", "_OPTS", "_PAGER", "_PATH", "_PLUGINS", "_PRELOAD", "_PROXY", "_RC", "_SCRIPTS", "_SHELL",
    "_STARTUP", "_STARTUP_FILE",
)  # fmt: skip


def is_taken(variable: str, prefix: str = "") -> bool:
    """Whether a variable means something to programs, so that no text's value belongs in it.

    :param prefix: what the caller put before the token's name; how the name ends says nothing then.
    """
    name = variable.upper()
    if variable in _SMALL or name in _NAMES or _begins(name):
        return True
    return not prefix and name.endswith(_ENDINGS)


def _begins(name: str) -> bool:
    """Whether a name goes on behind one of the beginnings; PERL and RUBY alone may be whatever is called so."""
    return any(name.startswith(beginning) and name != beginning for beginning in _BEGINNINGS)
