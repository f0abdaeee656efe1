"""The local run: set-up, embedded services, the processes of the Procfile, the story, the reset.

Owns what `make setup|run|story|reset` do on one machine, and the starters of Valkey and of the local EVM
node that the tests use too. Nothing here is imported by a deployed platform, except `ports`, from which
the settings learn where the embedded services of this machine listen.
`bootstrap` and `ports` use the standard library only, since they run before anything is installed.
"""
