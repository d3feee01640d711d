"""The two ways in which the light follows a target, both independent of how time is cut into steps."""

from math import exp


def follow(now: float, target: float, dt_s: float, tau_s: float) -> float:
    """First-order lag: the exact solution of dx/dt = (target - x) / tau after dt_s seconds of a constant target."""
    return target + (now - target) * exp(-dt_s / tau_s)


def toward(now: float, target: float, up: float, down: float) -> float:
    """Toward the target, by no more than `up` when it lies above and `down` when it lies below."""
    return min(target, now + up) if target > now else max(target, now - down)
