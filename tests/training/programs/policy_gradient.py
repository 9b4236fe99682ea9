"""REINFORCE on a small environment, after the PyTorch examples."""

import argparse
from collections import deque
from itertools import count

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical


class Corridor:
    """A cart that is pushed left or right; the episode ends where it leaves the track."""

    def __init__(self, limit=1.0):
        self.limit = limit

    def reset(self):
        self.state = np.array([0.1, 0.0, 0.05, -0.02], dtype=np.float32)
        return self.state

    def step(self, action):
        force = 0.2 if action == 1 else -0.2
        position, speed, angle, turn = self.state
        speed, turn = speed + force, turn - 0.5 * force
        position, angle = position + 0.1 * speed, angle + 0.1 * turn
        self.state = np.array([position, speed, angle, turn], dtype=np.float32)
        done = bool(abs(position) > self.limit)
        return self.state, 1.0 - abs(float(position)), done


class Policy(nn.Module):
    def __init__(self):
        super(Policy, self).__init__()
        self.affine1 = nn.Linear(4, 16)
        self.affine2 = nn.Linear(16, 2)

    def forward(self, x):
        x = F.relu(self.affine1(x))
        action_scores = self.affine2(x)
        return F.softmax(action_scores, dim=1)


@torch.no_grad()
def select_action(policy, state):
    state = torch.from_numpy(state).float().unsqueeze(0)
    probs = policy(state)
    return Categorical(probs).sample().item()


def discounted(rewards, gamma):
    R = 0
    returns = deque()
    for r in rewards[::-1]:
        R = r + gamma * R
        returns.appendleft(R)
    return list(returns)


def finish_episode(policy, optimizer, states, actions, rewards, args):
    eps = np.finfo(np.float32).eps.item()
    returns = torch.tensor(discounted(rewards, args.gamma), dtype=torch.float32)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    optimizer.zero_grad()
    dist = Categorical(policy(torch.from_numpy(np.stack(states))))
    log_probs = dist.log_prob(torch.tensor(actions))
    policy_loss = -(log_probs * returns).sum() - args.entropy * dist.entropy().mean()
    policy_loss.backward()
    optimizer.step()
    return policy_loss.item()


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser(description="PyTorch REINFORCE example")
    parser.add_argument("--gamma", type=float, default=0.99, metavar="G", help="discount factor (default: 0.99)")
    parser.add_argument("--entropy", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=543, metavar="N", help="random seed (default: 543)")
    parser.add_argument("--episodes", type=int, default=5)
    parser.add_argument("--max-steps", type=int, default=6)
    args = parser.parse_args(argv)

    torch.manual_seed(args.seed)
    env = Corridor()
    policy = Policy()
    optimizer = optim.Adam(policy.parameters(), lr=1e-2)

    history = []
    running_reward = 10
    for i_episode in count(1):
        state = env.reset()
        ep_reward = 0
        states, actions, rewards = [], [], []
        for _ in range(1, args.max_steps):
            action = select_action(policy, state)
            states.append(state)
            actions.append(action)
            state, reward, done = env.step(action)
            rewards.append(reward)
            ep_reward += reward
            if done:
                break
        running_reward = 0.05 * ep_reward + (1 - 0.05) * running_reward
        history.append(finish_episode(policy, optimizer, states, actions, rewards, args))
        print(f"Episode {i_episode}\tLast reward: {ep_reward:.2f}\tAverage reward: {running_reward:.2f}")
        if i_episode >= args.episodes:
            break
    return history, running_reward


if __name__ == "__main__":
    main()
